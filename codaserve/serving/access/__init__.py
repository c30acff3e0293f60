"""Who may use a server, who a caller is and how much it may ask for; without any transport."""
