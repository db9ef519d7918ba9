"""Use case: file, approve and revoke a paper, and say whose a PIN is; with rights, four eyes and the trail."""
