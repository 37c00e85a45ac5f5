"""The command line. `main` turns every error into one paragraph and the right exit status."""

from __future__ import annotations

import gc
import io
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import typer

from edgan.console import is_follower as is_follower
from edgan.console import note as note
from edgan.errors import EdganError, UsageError, printable

DONE, FAILED, USAGE = 0, 1, 2
GRACE = 2.0
"""Seconds that torchrun's other processes outlive the first, so that it can print the error."""
GC_THRESHOLD = 50_000
"""New objects between two garbage collections. Importing torch makes a million that stay, and walking over them again
and again would take a fifth of the start."""
NO_MEMORY = "There is not enough memory. Lower --batch, --size or the networks' widths."


def main(arguments: list[str] | None = None) -> None:
    """Run one `edgan` command and exit: 0 done, 1 the work failed, 2 the call was wrong."""

    def load_app() -> typer.Typer:
        from edgan.cli.app import app

        return app

    run_command(load_app, "edgan", arguments)


def run_command(load_app: Callable[[], typer.Typer], program: str, arguments: list[str] | None = None) -> None:
    """Run a command of a typer application and exit; every error becomes one paragraph.

    Args:
        load_app: returns the application. A failure to import it is reported like any other.
        program: the name that usage lines print.
        arguments: the words after it; those of this process unless given.
    """
    own_process = arguments is None
    if own_process:
        gc.set_threshold(GC_THRESHOLD)
    _allow_any_character()
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    with warnings.catch_warnings():
        warnings.filterwarnings("default", category=UserWarning, module="edgan")
        warnings.showwarning = lambda message, *_args, **_kwargs: note(str(message))
        status = _run(load_app, program, words, debug)
    if own_process:
        gc.freeze()  # the interpreter's last collection would walk over all of torch once more
    sys.exit(status)


def _run(load_app: Callable[[], typer.Typer], program: str, words: list[str], debug: bool) -> int:
    command = None
    try:
        command = typer.main.get_command(load_app())
        status = command.main(args=words, prog_name=program, standalone_mode=False)
        return status if isinstance(status, int) else DONE
    except UsageError as error:
        flag = _flag(command, words, error.parameter)
        return _fail(error, str(error) if flag is None else f"{flag} {error.message}", error.exit_status, debug)
    except EdganError as error:
        return _fail(error, str(error), error.exit_status, debug)
    except (typer.Abort, KeyboardInterrupt) as error:
        stop = error if isinstance(error, KeyboardInterrupt) else error.__cause__ or error.__context__
        return _fail(error, str(stop or "") or "Stopped.", FAILED, debug)
    except BrokenPipeError:
        return FAILED
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        return _fail(error, f"The system refused: {error.strerror or error}{place}.", FAILED, debug)
    except MemoryError as error:
        return _fail(error, NO_MEMORY, FAILED, debug)
    except Exception as error:
        return _unforeseen(error, debug)


def _flag(command: Any, words: list[str], parameter: str | None) -> str | None:
    """The name that the command line gives a parameter: "--steps", "INPUT"; None if the verb called has none such."""
    for word in words:
        command = getattr(command, "commands", {}).get(word, command)
    for option in getattr(command, "params", ()):
        if option.name == parameter:
            return option.opts[0] if option.opts[0].startswith("-") else option.opts[0].upper()
    return None


def _unforeseen(error: Exception, debug: bool) -> int:
    """Report typer's usage errors and a lack of memory; anything else is a defect, and is reported as one."""
    # Some versions of typer carry their own copy of click, so its errors are recognised by their attributes.
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error, file=sys.stderr)
        return USAGE
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        context = getattr(error, "ctx", None)
        where = f" See {context.command_path} --help." if context is not None else ""
        message = error.format_message().rstrip(".")
        return _fail(error, f"{message}{'' if message.endswith('?') else '.'}{where}", USAGE, debug)
    # On the CPU torch raises a RuntimeError when memory runs out; the allocator's name in its text tells it apart.
    if type(error).__name__ == "OutOfMemoryError" or "DefaultCPUAllocator" in str(error):
        return _fail(error, NO_MEMORY, FAILED, debug)
    message = f"{type(error).__name__}: {error}. This is a defect of edgan; --debug shows where."
    return _fail(error, message, FAILED, debug)


def _fail(error: BaseException, sentence: str, status: int, debug: bool) -> int:
    if is_follower() and (status == USAGE or getattr(error, "everywhere", False)):
        # torchrun ends the first process as soon as another one ends, and the first one has yet to print the error.
        time.sleep(GRACE)
        if status != USAGE:
            return status
        # A wrong argument can concern the pictures of this process alone; otherwise torchrun has ended it by now.
    if debug:
        from rich.console import Console

        Console(stderr=True).print_exception()
    stopped = getattr(error, "on_request", isinstance(error, typer.Abort | KeyboardInterrupt))
    kind = "" if stopped else "error: " if status == FAILED else "usage error: "
    print(f"edgan: {kind}{printable(sentence)}", file=sys.stderr)
    if getattr(error, "consequence", False):
        # The first process to end is the one that torchrun names, and it ends all others, which may yet have to speak.
        sys.stderr.flush()
        time.sleep(GRACE)
    return status


def _allow_any_character() -> None:
    """Write characters that stdout or stderr cannot show as escapes: their encoding is that of the terminal or pipe."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
