"""The engine process, its workers, and the client that talks to it."""
