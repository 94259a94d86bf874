"""What runs by itself: the nightly re-scan, on Japanese time. `minaoshi serve` runs this module as its worker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flows.prefect_environment import prepare
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

NAME = "nightly"
TIME_ZONE = "Asia/Tokyo"


def nightly(settings: Settings) -> RunnerDeployment:
    """The re-scan of the drop folder at `settings.rescan_cron`, never two at once."""
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from flows.rescan import rescan

    # Where an event loop happens to run in this thread Prefect would give a promise of the deployment instead.
    return rescan.to_deployment(  # type: ignore[call-arg, return-value]
        _sync=True,
        name=NAME,
        description="取込フォルダの例規を取り込み、新しい条項と変わった条項を洗い出す。",
        schedule=Cron(settings.rescan_cron, timezone=TIME_ZONE),
        concurrency_limit=1,
        # Stopping the worker pauses the deployment, so that nights missed are not made up for; starting it resumes.
        paused=False,
        # By module and not by file: the worker's current folder may be any.
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def main() -> None:
    """Register the deployment with the server of PREFECT_API_URL and run what falls due, until stopped."""
    settings = load_settings(os.environ)
    prepare(os.environ, settings)
    from prefect import serve

    serve(nightly(settings), print_starting_message=False)


if __name__ == "__main__":
    main()
