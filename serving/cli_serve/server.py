"""Running the application under uvicorn."""

import uvicorn

from nlu.cli.console import quiet_libraries
from serving.app import create_app
from serving.observability.json_logs import log_as_json
from serving.settings import Settings

# Time for requests under way to end when the service is asked to stop.
GRACE_SECONDS = 10
MOST_CONNECTIONS = 2_048


def run_server(settings: Settings, *, host: str, port: int) -> None:
    """Serve until asked to stop; requests under way are answered first.

    Raises
    ------
    CampaignError
        The store or a file of ``datasets`` cannot be used.
    """
    quiet_libraries()
    log_as_json()
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    try:
        uvicorn.Server(config).run()
    except SystemExit:
        if app.state.failure is None:
            raise
        raise app.state.failure from None
