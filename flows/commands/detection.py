"""Detection, on the database and on a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.common import fail, fail_if, installation, own_rules, read_settings, say_ingested, say_scanned

commands = typer.Typer()


@commands.command()
def scan() -> None:
    """まだ調べていない条項から、アナログ規制の候補を洗い出す。"""
    own_rules(installation(with_prefect=True))
    from flows import scan as step

    say_scanned(step.scan())


@commands.command()
def rescan() -> None:
    """取込フォルダの例規を取り込み、新しい条項と変わった条項を洗い出す。"""
    own_rules(installation(with_prefect=True))
    from flows import rescan as step

    summary = step.rescan()
    say_ingested(summary.ingest)
    say_scanned(summary.scan)
    fail_if(summary.ingest.failed)


@commands.command()
def classify(
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="条項（JSONL）。")],
    target: Annotated[Path, typer.Argument(dir_okay=False, help="結果を書き出すファイル（JSONL）。")],
) -> None:
    """条項のファイルを判定し、結果をファイルに書き出す。データベースは使わない。"""
    from flows.progress import Meter
    from nlp.classifier import Classifier
    from nlp.jsonl import JsonlError, finding_line, read_provisions
    from nlp.pipeline import load_pipeline

    try:
        with source.open(encoding="utf-8-sig") as lines:
            provisions = list(read_provisions(lines))
    except JsonlError as error:
        fail(f"{source}: {error}")
    except UnicodeDecodeError as error:
        fail(f"{source}: UTF-8 ではありません（{error.start + 1} バイト目）。UTF-8 で保存し直してください。")
    classifier = Classifier(load_pipeline(), rule_folders=own_rules(read_settings()))
    with Meter("判定", total=len(provisions), unit="条項", stream=sys.stderr) as meter:
        findings = classifier.classify(provisions, progress=meter.advance_to)
    with target.open("w", encoding="utf-8", newline="\n") as out:
        for finding, provision in zip(findings, provisions, strict=True):
            out.write(finding_line(finding, provision) + "\n")
    flagged = sum(bool(finding.labels) for finding in findings)
    typer.echo(f"{len(findings):,} 条項を判定し、{flagged:,} 条項に候補があります: {target}")
