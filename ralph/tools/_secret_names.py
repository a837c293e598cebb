"""Names of files that hold secrets, in addition to all names that begin with a dot.

docs/decisions/002-files-that-hold-secrets.md names the source of each name and the deliberate omissions.
"""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache

# Settings files whose name says that they are secret; code (`secrets.py`) and prose of that name are not.
_SETTINGS = "{yml,yaml,json,toml,ini,cfg,conf,env,properties,xml,txt,csv,php,enc}"

_KEYS = """
    *.pem *.key *.p12 *.pfx *.pkcs12 *.p8 *.pk8 *.pvk *.snk *.ppk *.jwk *.agekey *.keytab
    *.jks *.jceks *.bks *.bcfks *.keystore keystore *.kdb *.kdbx *.psafe3 *.opvault *.agilekeychain *.1pif *.1pux
    *.keychain *.keychain-db *.gnupg secring.* *private*.asc *secret*.asc private-keys-v1.d pubring.kbx~
    id_rsa* id_dsa* id_ecdsa* id_ed25519* id_xmss* *_rsa *_dsa *_ecdsa *_ed25519 ssh_host_*_key identity.ssh
    wallet.dat utc--* cwallet.sso
"""
_CREDENTIALS = """
    credentials credentials.@ credentials.db credentials.tfrc.json legacy_credentials credentials.*.json
    application_default_credentials.json access_tokens.db accesstokens.json msal_token_cache.* *.publishsettings
    client_secret*.json client-secret*.json service-account*.json service_account*.json serviceaccount*.json
    *-service-account.json *_service_account.json *-service-key.json *-firebase-adminsdk-*.json *-sa-key.json
    accesskeys.csv *_accesskeys.csv rootkey.csv *_credentials.csv oauth_creds.json oauth_tokens.json
    token.json tokens.json token.pickle token.txt tokens.txt api_key.txt api_keys.txt apikey.txt apikeys.txt auth.json
    netrc _netrc npmrc pypirc git-credentials authinfo pgpass pgpass.conf htpasswd *.htpasswd mylogin.cnf boto.cfg
    rclone.conf sitemanager.xml recentservers.xml winscp.ini logins.json key3.db key4.db signons.sqlite cookies.sqlite
    cookies.txt cookies “login data” bitwarden_export* lastpass_export*
    secrets secrets.@ secrets.*.@ *-secrets.@ *_secrets.@ *.secrets.@ secret.@ *-secret.@ *_secret.@ *.secret
    ipsec.secrets chap-secrets pap-secrets arduino_secrets.h vault_pass vault_pass.* vault-pass vault-password*
    password.txt passwords.txt passwords.csv passwords.json shadow gshadow
"""
_SETTINGS_FILES = """
    *.env wp-config.php wp-config.*.php localsettings.php local.settings.json appsettings.*.json
    connectionstrings.config terraform.rc
    *.tfrc *.tfstate *.tfstate.* *.tfvars *.tfvars.json kubeconfig kubeconfig.* *.kubeconfig admin.conf
    keystore.properties key.properties settings-security.xml *.ovpn wg[0-9].conf wg[0-9][0-9].conf *.nmconnection
    wpa_supplicant.conf master.passwd
"""


def _expand(words: str) -> list[str]:
    endings = _SETTINGS.strip("{}").split(",")
    made = []
    for word in words.replace("“login data”", "login\0data").split():
        name = word.replace("\0", " ")
        made += [name.replace("@", e) for e in endings] if "@" in name else [name]
    return made


@cache
def _pattern() -> re.Pattern[str]:
    """Return the pattern, compiled at the first use: compiling takes 20 ms."""
    return re.compile("|".join(translate(p) for p in _expand(_KEYS + _CREDENTIALS + _SETTINGS_FILES)), re.IGNORECASE)


def holds_secrets(name: str) -> bool:
    """Return whether a file or folder of this name may hold a key, a password or a token."""
    return _pattern().match(name) is not None
