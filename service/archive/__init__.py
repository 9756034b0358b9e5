"""Second stage: RawMessage becomes Message; its original is kept byte for byte, once."""
