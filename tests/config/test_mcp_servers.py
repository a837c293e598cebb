"""The section `mcp:` of the configuration: what is read, and what each mistake says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ralph.config.load import load_file
from ralph.config.settings import McpServerSettings
from ralph.core.errors import ConfigFailure
from ralph.core.masking import Secrets


def read(path: Path, text: str, **environ: str) -> dict[str, McpServerSettings]:
    file = path / "config.yaml"
    file.write_text(text)
    return dict(load_file(file, environ, lambda _: {}, Secrets()).mcp.servers)


def test_a_server_is_read_with_its_defaults_and_variables(tmp_path: Path) -> None:
    text = (
        "mcp: {servers: {git: {command: [mcp-server-git, -r, .]}, "
        'docs: {url: "https://x.org/mcp", headers: {Authorization: "Bearer ${TOKEN}"}, trust: yes, enabled: off}}}'
    )
    servers = read(tmp_path, text, TOKEN="a-token-of-docs")
    assert servers["git"] == McpServerSettings(command=("mcp-server-git", "-r", "."))
    assert servers["docs"].headers == {"Authorization": "Bearer a-token-of-docs"}
    assert (servers["docs"].trust, servers["docs"].enabled) == (True, False)


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("{}", "a command, or a url, and not both"),
        ("{command: [a], url: 'https://x'}", "a command, or a url, and not both"),
        ("{url: 'ftp://x'}", "http:// or https://"),
        ("{comand: [a]}", "the nearest is 'command'"),
        ("{command: a b}", "takes a list"),
        ("{command: [a], env: [b]}", "a mapping of keys to values"),
        ("{command: [a], trust: maybe}", "true or false"),
    ],
)
def test_a_mistake_names_its_place(tmp_path: Path, server: str, said: str) -> None:
    with pytest.raises(ConfigFailure, match=r"config.yaml:1: mcp.servers.git") as failure:
        read(tmp_path, f"mcp: {{servers: {{git: {server}}}}}")
    assert said in failure.value.message
