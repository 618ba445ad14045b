"""Callbacks, environments, evaluation and logging, under Stable-Baselines3's names."""
