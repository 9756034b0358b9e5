"""`scripta demo`: the bundled sample in a throw-away folder, what it holds, and the page."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer


def demo(
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 8000,
    serve: Annotated[bool, typer.Option(help="Serve the page afterwards.")] = True,
    data: Annotated[Path | None, typer.Option(help="Folder to use instead of a throw-away one.")] = None,
) -> None:
    """Read a month of one agency's mail and chats, print what was agreed in it, and serve the page."""
    import uvicorn

    from service.cli.sample import ingest_sample, prepare, report
    from service.config import load
    from service.main import create_app
    from service.pipeline.installation import open_installation
    from service.pipeline.tick import ticking

    with tempfile.TemporaryDirectory(prefix="scripta-demo-") as folder:
        # No setting of the user's own: invented people belong neither in their database nor in their chat.
        house = open_installation(load(data or Path(folder), environment={}))
        account_id = prepare(house)
        ingest_sample(house)
        report(house)
        if serve:
            typer.echo(f"\nOpen http://127.0.0.1:{port} (you are signed in). Ctrl-C ends the demo.")
            app = create_app(house, signed_in_as=account_id)
            with ticking(house):
                uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")
