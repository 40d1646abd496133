"""Speed and growth: networks of national size, and the same questions put to several stores in one run."""
