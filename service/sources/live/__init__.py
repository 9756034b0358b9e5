"""Chats that are followed through the API of their platform: what to ask, and what the answers mean."""
