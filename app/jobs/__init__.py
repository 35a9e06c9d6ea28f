"""The process beside the web workers: drains the journal, refreshes anonymous figures, keeps partitions ahead.

`assent drain` starts it; the supervisor restarts it. Start reading at `loop`.
"""
