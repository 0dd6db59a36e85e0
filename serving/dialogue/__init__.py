"""A turn of conversation with Sophie: routing policy, slots, hand-over, safety, reports."""
