"""`pytest tests/sources --update-golden` rewrites the expectations beside the samples; review the diff."""

from hypothesis import settings

settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite what the samples are expected to hold"
    )
