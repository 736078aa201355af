"""The demo: what is refused before a model is loaded."""

import importlib.util

import pytest

from ..demo import demo
from ..errors import UserError


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "1.5"])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    with pytest.raises(UserError, match=f"port={port} is not allowed"):
        demo({"ckpt_path": "x", "port": port}, [])


def test_the_package_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="uv run --extra demo demo"):
        demo({"ckpt_path": "x"}, [])
