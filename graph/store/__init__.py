"""Effects: the only user of the driver. One Cypher statement above the one function that runs it."""
