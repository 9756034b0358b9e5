"""`scripta serve`: the page and the API."""

from typing import Annotated

import typer

from service.cli.options import Data, house_at


def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; loopback unless given.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535)] = None,
) -> None:
    """Serve the data folder; create an account first with `scripta user add NAME --admin`."""
    import uvicorn

    from service.alerts.deliver import channel_for
    from service.main import create_app
    from service.pipeline.follow import following
    from service.pipeline.tick import ticking

    house = house_at(data)
    settings = house.settings
    if settings.notify_url:
        # Said now, not in a day when the first alert is due.
        channel_for(settings.notify_url)
    app = create_app(house)
    with ticking(house) as wake, following(house, arrived=wake):
        uvicorn.run(app, host=host or settings.host, port=port or settings.port, log_level="warning")
