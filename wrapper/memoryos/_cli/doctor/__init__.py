"""`memoryos doctor`: diagnose the installation, the settings, the network and the service."""
