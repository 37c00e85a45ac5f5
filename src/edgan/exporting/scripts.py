"""Browser modules as one script: in a page that is one file, modules have no addresses to import each other from."""

from __future__ import annotations

import re
from collections.abc import Mapping

from edgan.errors import EdganError

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([a-z_]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|const|class) ([A-Za-z_$][\w$]*)", re.MULTILINE)


def joined(modules: Mapping[str, str], start: str) -> str:
    """The script that a module and those that it imports make together.

    Each module becomes a function that is called once, after those that it imports, and returns its exports.

    Args:
        modules: the modules' texts by file name. They import names by `import {a, b} from "./file.js";` and export
            functions, constants and classes where they declare them.
        start: the file to begin with.

    Raises:
        EdganError: a module is missing, they import each other in a circle, or one imports or exports in another way.
    """
    written: list[str] = []
    done: set[str] = set()

    def add(name: str, importers: tuple[str, ...]) -> None:
        if name in done:
            return
        if name in importers or name not in modules:
            why = "imports itself" if name in importers else "is missing"
            raise EdganError(f"The page's module {name} {why} ({' > '.join((*importers, name))}).")
        text = modules[name]
        for match in _IMPORT.finditer(text):
            add(match[2], (*importers, name))
        body = _IMPORT.sub(lambda match: f"const {{{match[1]}}} = modules[{match[2]!r}];", text)
        names = ", ".join(match[2] for match in _EXPORT.finditer(body))
        body = _EXPORT.sub(lambda match: f"{match[1]} {match[2]}", body)
        if re.search(r"^(import|export)\b", body, re.MULTILINE):
            raise EdganError(f"The page's module {name} imports or exports in a way that cannot be joined.")
        written.append(f"modules[{name!r}] = (() => {{\n{body}\nreturn {{{names}}};\n}})();")
        done.add(name)

    add(start, ())
    return "\n".join(['"use strict";', "const modules = {};", *written])
