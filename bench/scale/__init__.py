"""How far one client and many scorers go together."""
