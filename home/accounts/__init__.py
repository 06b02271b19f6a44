"""Who gets in: second factors, new devices, and limits of tries and requests."""
