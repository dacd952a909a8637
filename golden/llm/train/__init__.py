"""Training models that the accelerator runs: everything here needs torch (extra ``[train]``); nothing else does."""
