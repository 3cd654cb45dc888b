"""A community's surveys and waves: opening them, more time, the end, the keys behind them."""
