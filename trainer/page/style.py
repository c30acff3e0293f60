"""The style sheet of the page, for light and dark screens and for paper."""

from codaserve.step_html import STEP_STYLE

STYLE = (
    """
:root { color-scheme: light dark; --text: #1f2328; --soft: #59636e; --back: #fff; --shade: #f5f6f8; --rule: #d6dae0;
  --good: #18794e; --bad: #c0322b; --unclear: #7a5b00; --link: #0b57d0;
  --c0: #2563c9; --c1: #d9730d; --c2: #188a5b; --c3: #cf3f3a; --c4: #7c4fc4; --c5: #0e8aa0; --c6: #b03a86;
  --c7: #6b6f1d;
  --other: #8b949e; }
@media (prefers-color-scheme: dark) { :root { --text: #dfe3e8; --soft: #9aa4b0; --back: #15181c; --shade: #1e2328;
  --rule: #3a424b; --good: #56c48d; --bad: #ff7b72; --unclear: #e3b341; --link: #8ab4f8; --c0: #7aa7ff; --c1: #f0a050;
  --c2: #4fc78e; --c3: #ff8078; --c4: #b792f5; --c5: #45c4da; --c6: #ec7fc4; --c7: #c6cb5a; --other: #6e7681; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; margin: 0 auto; max-width: 78em;
  padding: 0 1.2em 4em;
  color: var(--text); background: var(--back); }
a { color: var(--link); } h1 { font-size: 1.5em; margin: 1em 0 .3em; overflow-wrap: anywhere; }
h2 { font-size: 1.2em; margin: 2.4em 0 .6em; padding-top: .6em; border-top: 1px solid var(--rule); }
h3 { font-size: 1em; margin: 1.2em 0 .2em; overflow-wrap: anywhere; } h4 { font-size: .95em; margin: .4em 0 0; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .2em 1.2em; margin: 0; padding: 0; }
.skip { position: absolute; left: -99em; } .skip:focus { left: 1em; top: .5em; background: var(--back); padding: .3em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.note { color: var(--soft); font-size: .88em; margin: .1em 0 .4em; max-width: 62em; } .none { color: var(--soft); }
.warning { color: var(--unclear); } .good { color: var(--good); }
.cards { display: flex; flex-wrap: wrap; gap: 1em; margin: 1em 0; }
.card { background: var(--shade); border-left: .4em solid var(--unclear); border-radius: .3em; padding: .7em 1.1em;
  flex: 1 1 18em;
  max-width: 30em; } .card.good { border-color: var(--good); color: inherit; } .card.bad { border-color: var(--bad); }
.card h3 { margin: 0; font-weight: 600; } .card p { margin: .1em 0; font-size: .9em; }
.card .big { font-size: 2.1em; line-height: 1.3; font-weight: 650; font-variant-numeric: tabular-nums; }
.card .big small { font-size: .45em; font-weight: 400; } .card .verdict { font-weight: 600; font-size: 1em; }
.card.good .verdict, .card.good .big { color: var(--good); } .card.bad .verdict, .card.bad .big { color: var(--bad); }
.card.unclear .verdict { color: var(--unclear); }
.scroll { overflow-x: auto; margin: .6em 0; } table { border-collapse: collapse; font-size: .88em; }
table { font-variant-numeric: tabular-nums; } caption { text-align: left; color: var(--soft); padding-bottom: .3em; }
caption.quiet { position: absolute; left: -99em; } th, td { padding: .22em .8em .22em 0; text-align: left; }
th { font-weight: 600; } tbody th { font-weight: 400; white-space: nowrap; }
thead th { border-bottom: 1px solid var(--rule); vertical-align: bottom; }
tbody tr:nth-child(even) { background: var(--shade); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(27em, 100%), 1fr)); gap: 1em 2em; }
figure { margin: .6em 0; min-width: 0; } figure > svg { width: 100%; height: auto; max-width: 40em; display: block; }
svg text { font-size: 11.5px; fill: var(--soft); } .grid { stroke: var(--rule); stroke-width: 1; fill: none; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1em 1.2em; margin: .2em 0; padding: 0; font-size:
.85em; }
.legend svg { height: .75em; width: auto; margin-right: .4em; vertical-align: baseline; }
.c0 { --c: var(--c0); } .c1 { --c: var(--c1); } .c2 { --c: var(--c2); } .c3 { --c: var(--c3); } .c4 { --c: var(--c4); }
.c5 { --c: var(--c5); } .c6 { --c: var(--c6); } .c7 { --c: var(--c7); } svg .other { --c: var(--other); }
svg .good { --c: var(--good); } svg .bad { --c: var(--bad); } svg .unclear { --c: var(--unclear); }
.line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; } .line.other { stroke-width: 1;
  opacity: .6; }
.line.dashed { stroke-dasharray: 6 4; } .band { fill: var(--c); opacity: .16; stroke: none; }
.dot { fill: var(--c); opacity: .3; } .maps .dot { opacity: .45; } .mark, .fill { fill: var(--c); }
.fill { stroke: var(--back); stroke-width: .4; } .hollow { fill: var(--back); stroke: var(--c); stroke-width: 2; }
.whisker { stroke: var(--c); stroke-width: 1.6; opacity: .6; fill: none; } .link { stroke: var(--c);
  stroke-width: 2.5; fill: none; }
.chosen { fill: var(--c1); stroke: var(--back); stroke-width: .8; }
.contour { fill: none; stroke: var(--other); stroke-width: 1; stroke-dasharray: 2 3; }
details { margin: .3em 0; font-size: .95em; } summary { cursor: pointer; color: var(--link); }
.sample summary { color: inherit; }
.sample { border: 1px solid var(--rule); border-radius: .3em; padding: .4em .8em; margin: .5em 0; }
.right { color: var(--good); } .wrong { color: var(--bad); }
pre.prompt, pre.response, pre.events { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3em 0; padding: .5em;
  font: 14px/1.5 ui-monospace, monospace; background: var(--shade); unicode-bidi: isolate; max-height: 24em;
  overflow-y: auto; }
.choice { padding: .2em 0; font-size: .9em; } .choice label { margin-right: 1em; }
@media print { .choice, nav { display: none; } figure { break-inside: avoid; } }
"""
    + STEP_STYLE
)
