"""Environments, callbacks, evaluation and logging, under Stable-Baselines3's names."""
