"""French typography and numbers for what citizens, managers and officials read."""
