"""Files that programs write secrets into are refused by name; names that only look like it are not."""

from __future__ import annotations

import pytest

from ralph.tools._paths import is_closed

SECRET = """
    .env .env.local prod.env .netrc _netrc .npmrc .pypirc .git-credentials .pgpass .my.cnf .htpasswd site.htpasswd
    .ssh .aws .kube .docker .gnupg .vault-token .terraformrc terraform.rc id_rsa id_rsa.pub id_ed25519 ID_ECDSA
    id_dsa.old deploy_rsa ssh_host_ed25519_key server.pem tls.key ca.P12 app.pfx AuthKey_AB12.p8 putty.ppk
    release.jks debug.keystore keystore.properties key.properties passwords.kdbx old.kdb host.keytab secring.gpg
    private-key.asc my_secret_key.asc wallet.dat UTC--2026-01-01T00-00-00Z--ab home.ovpn wg0.conf
    home.nmconnection credentials credentials.json credentials.csv credentials.toml credentials.tfrc.json
    credentials.db application_default_credentials.json access_tokens.db accessTokens.json
    client_secret_12.apps.json service-account.json service-account-prod.json serviceAccountKey.json
    my-app-firebase-adminsdk-x1.json rootkey.csv alice_accessKeys.csv oauth_creds.json token.json tokens.json
    auth.json rclone.conf sitemanager.xml WinSCP.ini logins.json key4.db cookies.sqlite cookies.txt secrets.yml
    secrets.yaml secrets.json secrets.toml secrets.dev.yaml db-secret.yaml app-secrets.yml secret.yaml
    secrets.properties api.secret ipsec.secrets arduino_secrets.h vault_pass.txt passwords.txt shadow
    wp-config.php wp-config.prod.php LocalSettings.php local.settings.json appsettings.Development.json
    connectionStrings.config terraform.tfstate terraform.tfstate.backup prod.tfvars prod.auto.tfvars.json
    kubeconfig kubeconfig.yaml dev.kubeconfig admin.conf wpa_supplicant.conf azure.publishsettings
"""

ORDINARY = """
    README.md keyboard.py keys.ts keymap.py monkey.txt turkey.key.md secrets.py secrets.md secrets.ts
    secret_santa.md secretary.txt credentials.py credentials.md test_credentials.py token.py tokenizer.json
    tokenize.py tokens.css auth.py auth.ts authentication.json authors.json password.py passwords.md passwd.c
    environment.yml environment.py env.py config.json config.yaml settings.json settings.xml settings.py
    appsettings.json wp-config-sample.php variables.tf main.tf terraform.md terraform.tfvars.example
    kubernetes.yaml service.json service-accounts.md id_generator.py identity.py rsa.py public.asc certificate.crt
    server.crt data.pem.md wallet.py shadow.css cookie.py cookies.js database.yml web.config hosts.yml logins.csv
    key.py wg.py conf.d vault.py admin.py local.properties gradle.properties package.json access_tokens.py
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_what_may_hold_a_secret_is_closed(name: str) -> None:
    assert is_closed(name)


@pytest.mark.parametrize("name", ORDINARY.split())
def test_an_ordinary_name_is_open(name: str) -> None:
    assert not is_closed(name)
