"""The process that draws: torch and diffusers live here and nowhere else."""
