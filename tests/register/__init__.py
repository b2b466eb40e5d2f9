"""Does the register take all of a load or nothing, and tell judgements the truth?"""
