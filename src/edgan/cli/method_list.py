"""`edgan methods`."""

from __future__ import annotations

import gc

from edgan.cli import show
from edgan.cli.options import Json


def methods(json: Json = False) -> None:
    """List the methods: what each can do, its presets and its paper."""
    gc.disable()  # `import torch` makes many objects and no garbage: collecting takes a tenth of the start-up
    try:
        from edgan import api

        listed = api.methods()
    finally:
        gc.enable()
    if json:
        show.as_json({"methods": listed})
        return
    for method in listed:
        print(f"{method['name']}\n    {method['summary']}")
        also = "".join(f"; {name} {condition}" for name, condition in method["with_other_settings"].items())
        print(f"    can {', '.join(method['capabilities'])}{also}")
        print(f"    presets {', '.join(method['presets'])}")
        print(f"    {method['paper']}")
    print("NAME// is the decoupled twin of a coupled method, as in ed-plus-gan//")
