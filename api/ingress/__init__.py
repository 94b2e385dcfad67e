"""What every request passes before its route: log, host check, slow bodies, metrics."""
