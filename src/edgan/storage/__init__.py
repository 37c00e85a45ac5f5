"""What a run keeps on disk: durable writes, checkpoints, run folders."""
