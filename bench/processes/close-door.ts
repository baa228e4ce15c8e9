/** Makes `count` tokens, an admin's first, which closes the door. Answers the last, a client's. */
export async function closeDoor(url: string, count: number): Promise<string> {
  const admin = await makeToken(url, { name: "bench", role: "admin" });
  let client = "";
  const AT_ONCE = 100;
  for (let made = 1; made < count; made += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - made) }, (_, n) =>
      makeToken(url, { name: `client ${made + n}`, role: "client" }, admin),
    );
    client = (await Promise.all(some)).at(-1) ?? client;
  }
  return client;
}

/** Makes a token and answers what its holder sends; `admin` is needed once the door is closed. */
export async function makeToken(url: string, wanted: object, admin?: string): Promise<string> {
  const headers = {
    "Content-Type": "application/json",
    ...(admin !== undefined && { Authorization: `Bearer ${admin}` }),
  };
  const response = await fetch(`${url}/api/tokens`, {
    method: "POST",
    headers,
    body: JSON.stringify(wanted),
  });
  if (!response.ok) throw new Error(`Making a token answered ${response.status}`);
  const { data } = (await response.json()) as { readonly data: { readonly token: string } };
  return data.token;
}
