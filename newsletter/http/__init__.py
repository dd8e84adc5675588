"""The guarded HTTP client: public addresses only, one deadline, bounded sizes."""
