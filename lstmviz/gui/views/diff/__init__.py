"""The Diff view: what differs between this run and another one."""
