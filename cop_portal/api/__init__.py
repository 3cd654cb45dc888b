"""What every API view shares: who may ask, how refusals are worded, how lists are paged."""
