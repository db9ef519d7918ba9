"""Use case: seal the evidence into a chain, and show that nobody has touched it since."""
