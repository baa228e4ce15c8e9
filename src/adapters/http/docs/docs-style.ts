export const DOCS_STYLE = `:root {
  color-scheme: light dark;
  --page: light-dark(#fff, #0e1116);
  --ink: light-dark(#17202b, #e7ebf1);
  --muted: light-dark(#566171, #9ba7b6);
  --line: light-dark(#dde1e8, #2a323d);
  --edge: light-dark(#858f9d, #66717f);
  --soft: light-dark(#f3f4f7, #1a2029);
  --link: light-dark(#0b5cad, #86b4ff);
  --blue: #1d6fb8; --green: #23803d; --brown: #8a5a00; --red: #b3261e;
}
:root[data-appearance="light"] { color-scheme: light; }
:root[data-appearance="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; background: var(--page); color: var(--ink); }
h1 small { font-weight: normal; color: var(--muted); }
h2 { margin: 2.5rem 0 .5rem; }
h3, h4, h5 { margin: 1rem 0 .4rem; }
h5 { color: var(--muted); }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.tools { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; padding: .6rem 0; margin-top: 1rem; background: var(--page); border-bottom: 1px solid var(--line); }
.tools label { display: flex; gap: .5rem; align-items: center; }
#found { color: var(--muted); }
section, details.operation, article { scroll-margin-top: 6rem; }
code, pre, textarea, .try input { font: 14px/1.5 ui-monospace, monospace; }
pre { background: var(--soft); padding: .75rem; border-radius: 6px; overflow-x: auto; margin: .5rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
input, select, textarea, button { font-size: 14px; color: inherit; background: var(--page); border: 1px solid var(--edge); border-radius: 4px; padding: .3rem .5rem; }
button { cursor: pointer; background: var(--soft); }
button[type="submit"] { background: var(--blue); border-color: var(--blue); color: #fff; }
button:disabled { opacity: .6; cursor: default; }
details.operation { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; }
details.operation > div { padding: 0 1rem 1rem; }
summary { cursor: pointer; padding: .5rem .75rem; display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; }
summary code { overflow-wrap: anywhere; }
summary span { color: var(--muted); }
summary b { min-width: 4.2rem; text-align: center; border-radius: 4px; color: #fff; font-size: 13px; padding: .1rem 0; }
.get, .head { background: var(--blue); } .post { background: var(--green); } .put { background: var(--brown); } .delete { background: var(--red); }
.role { color: var(--muted); }
.answer { border-top: 1px solid var(--line); }
.answer summary { padding: .4rem 0; }
b.s2, b.s3, b.s4, b.s5 { min-width: 3rem; display: inline-block; text-align: center; border-radius: 4px; color: #fff; font-size: 13px; }
.s2 { background: var(--green); } .s3 { background: var(--blue); } .s4 { background: var(--brown); } .s5 { background: var(--red); }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-size: 13px; color: var(--muted); }
th, td { border-top: 1px solid var(--line); padding: .3rem .75rem .3rem 0; vertical-align: top; overflow-wrap: anywhere; }
.try { border: 1px solid var(--line); border-radius: 6px; padding: 0 .75rem .25rem; margin: 1rem 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .5rem .75rem; }
.try > :not(label:not(.wide)) { grid-column: 1 / -1; }
.try label { display: grid; gap: .15rem; font-size: 14px; }
.try h4, .try pre { margin: .5rem 0 0; }
textarea { width: 100%; resize: vertical; }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .25rem 0; }
.outcome > p { font-weight: bold; margin: .25rem 0; }
.outcome > pre { max-height: 30rem; overflow: auto; }
`;
