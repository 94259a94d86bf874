"""The nightly re-scan is scheduled on Japanese time."""

from __future__ import annotations

import yaml
from prefect.client.schemas.schedules import CronSchedule

from flows import deployments
from flows.settings import load_settings
from tests.conftest import ROOT


def _schedule(environ: dict[str, str]) -> CronSchedule:
    (scheduled,) = deployments.nightly(load_settings(environ)).schedules or []
    assert isinstance(scheduled.schedule, CronSchedule)
    return scheduled.schedule


def test_the_rescan_runs_at_two_in_the_morning_in_japan() -> None:
    schedule = _schedule({})
    assert (schedule.cron, schedule.timezone) == ("0 2 * * *", "Asia/Tokyo")


def test_the_hour_is_a_setting() -> None:
    assert _schedule({"MINAOSHI_RESCAN_CRON": "30 3 * * 1-5"}).cron == "30 3 * * 1-5"


def test_the_deployment_never_runs_twice_at_once_and_is_found_by_module_from_any_folder() -> None:
    deployment = deployments.nightly(load_settings({}))
    assert (deployment.concurrency_limit, deployment.entrypoint) == (1, "flows.rescan.rescan")


def test_the_file_for_prefect_s_own_worker_says_the_same() -> None:
    (stated,) = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    schedule = _schedule({})
    assert stated["name"] == deployments.NAME
    assert stated["entrypoint"] == "flows.rescan.rescan"
    assert stated["schedules"] == [{"cron": schedule.cron, "timezone": schedule.timezone}]
