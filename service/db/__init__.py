"""Engine, session and column types: the only place that knows how to commit."""
