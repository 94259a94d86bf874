"""The command `minaoshi`. Each command calls a function or a flow and puts the outcome into Japanese.

Exit status: 0 fine, 1 a step failed, 2 wrong use. Heavy libraries are imported by the command that
needs them, so that `minaoshi parse` starts in a fraction of a second.
"""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from flows.commands import detection, learning, legislation, people, running

app = typer.Typer(
    help="条例・規則等のアナログ規制を洗い出し、見直し工程表を作ります。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _module in (legislation, detection, learning, people, running):
    app.add_typer(_module.commands)


@app.callback()
def main(verbose: Annotated[bool, typer.Option("--verbose", "-v", help="経過を詳しく記録する。")] = False) -> None:
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
