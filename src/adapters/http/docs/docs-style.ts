export const DOCS_STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --link: light-dark(#0b5cad, #7ab8ff); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 small { font-weight: normal; opacity: .6; }
h2 { margin: 2.5rem 0 .75rem; }
h3, h4 { margin: 1rem 0 .4rem; }
a { color: var(--link); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
code, pre { font: 14px/1.5 ui-monospace, monospace; }
pre { background: var(--soft); padding: .75rem; border-radius: 6px; overflow-x: auto; margin: .5rem 0; white-space: pre-wrap; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; }
details > div { padding: 0 1rem 1rem; }
summary { cursor: pointer; padding: .5rem .75rem; display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; }
summary span { opacity: .75; }
summary b { min-width: 4.2rem; text-align: center; border-radius: 4px; color: #fff; font-size: 13px; padding: .1rem 0; }
.get, .head { background: #1d6fb8; } .post { background: #23803d; } .put { background: #8a5a00; } .delete { background: #b3261e; }
.answer { border: 0; border-top: 1px solid var(--line); border-radius: 0; margin: 0; }
.answer summary { padding: .4rem 0; }
b.s2, b.s4, b.s5 { min-width: 3rem; display: inline-block; text-align: center; border-radius: 4px; color: #fff; font-size: 13px; }
.s2 { background: #23803d; } .s4 { background: #8a5a00; } .s5 { background: #b3261e; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid var(--line); padding: .3rem .75rem .3rem 0; vertical-align: top; }
`;
