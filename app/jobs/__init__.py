"""The process beside the web workers: drains the journal, does queued jobs, refreshes anonymous figures.

`assent drain` starts it; the supervisor restarts it. Start reading at `loop`, then `worker`.
"""
