"""The server: the queue, the channels, the directory and the record of it all."""
