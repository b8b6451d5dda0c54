"""The launcher's sub-commands: what `./renovatiehub` does once its environment stands."""
