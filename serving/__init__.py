"""The outermost layer: the command line, and the applications that people open."""
