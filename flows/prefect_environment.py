"""Prefect's switches, put into the process environment before Prefect is first imported.

Prefect reads its settings at import; so whoever runs a flow calls `prepare` first and imports the
flow after it.
"""

from __future__ import annotations

from collections.abc import MutableMapping

from flows.settings import Settings

# Telemetry and version checks would reach for the Internet: they are off whatever the environment says.
_OFFLINE = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}
_DEFAULTS = {
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
    # A cold start on a slow disk took 12 s; Prefect gives up after 20.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # A run once hung for a minute, as a request left unanswered would: ask again sooner than the default 60 s.
    "PREFECT_API_REQUEST_TIMEOUT": "20",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # A flow that runs without a server has nobody to send its log lines to.
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
}


def prepare(environ: MutableMapping[str, str], settings: Settings) -> None:
    """Set Prefect up for a closed network, with its files under the installation's home.

    A home or an API address that is set already stands, so that a flow started by the worker of
    `minaoshi serve` reports to that server.
    """
    environ.update(_OFFLINE)
    for name, value in {**_DEFAULTS, "PREFECT_HOME": str(settings.prefect_home)}.items():
        environ.setdefault(name, value)
