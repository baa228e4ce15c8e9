/** What the routes under each heading are about. */
export const TAGS: Readonly<Record<string, string>> = {
  "Speech keys": "Keys of Azure Speech: ask for one, report what it got, look after them.",
  "Translator keys": "The same for keys of Azure Translator.",
  Leases: "Keys for a time, of both services, and never more of one than its limit.",
  Pools: "The keys of both services, and what was reported on them, counted by region.",
  Settings: "What the rules go by. A change is in force at once, on every instance.",
  Import: "Many keys at once, from a file.",
  Tokens: "Who may come in, and what for.",
  Audit: "What people did, written down before it was done.",
  Events: "What becomes true, told as it happens.",
  System: "Health, upkeep and this documentation.",
};
