"""Running the application under uvicorn."""

import uvicorn

from nlu.cli.console import quiet_libraries
from serving.app import create_app
from serving.cli_serve.draining import Drain, DrainingServer
from serving.observability.json_logs import log_as_json
from serving.observability.tracing import tracing_from_environment
from serving.settings import Settings

# Time for requests under way to end when the service is asked to stop.
GRACE_SECONDS = 10
# Longer than a proxy keeps an idle connection: who closes first must not be who is written to.
KEEP_ALIVE_SECONDS = 30
MOST_CONNECTIONS = 2_048


def run_server(settings: Settings, *, host: str, port: int, drain_seconds: float) -> None:
    """Serve until asked to stop; requests under way are answered first.

    Parameters
    ----------
    settings
        Of the application.
    host, port
        Where to listen.
    drain_seconds
        How long to go on answering, not ready any more, after SIGTERM.

    Raises
    ------
    CampaignError
        The store or a file of ``datasets`` cannot be used, or traces are asked for and cannot be
        sent.
    """
    quiet_libraries()
    log_as_json()
    app = create_app(settings, tracing=tracing_from_environment())
    drain = Drain(app)
    config = uvicorn.Config(
        drain,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        # The other parser, chosen where it happens to be installed, takes heads of any size.
        http="h11",
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    try:
        DrainingServer(config, drain=drain, seconds=drain_seconds).run()
    except SystemExit:
        if app.state.failure is None:
            raise
        raise app.state.failure from None
