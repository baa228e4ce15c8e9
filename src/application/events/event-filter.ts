import {
  covers,
  type EventKind,
  type FeedEvent,
  type KeyEvent,
  type Scope,
  type Service,
} from "../../domain/index.ts";

/** Which events somebody is told of. */
export interface EventFilter {
  /** Default: all. */
  readonly kinds?: readonly EventKind[] | undefined;
  /** Of events about keys and imports only those of this service. */
  readonly service?: Service | undefined;
  /** Of events about keys only those of this region, and of keys that have just left it. */
  readonly region?: string | undefined;
  /**
   * What the listener may know of. With one, nothing of settings and tokens, no parts of the health, and imports only
   * where it is about all keys of their service.
   */
  readonly scope?: Scope | undefined;
}

/** The event as it may be told through the filter; undefined when it is not to be told. */
export function seenThrough(filter: EventFilter, event: FeedEvent): FeedEvent | undefined {
  const { kinds, service, scope } = filter;
  if (kinds !== undefined && !kinds.includes(event.kind)) return undefined;
  switch (event.kind) {
    case "setting":
    case "token":
      return scope === undefined ? event : undefined;
    case "health":
      return scope === undefined ? event : { ...event, parts: [] };
    case "import":
      if (service !== undefined && event.service !== service) return undefined;
      return scope === undefined || coversService(scope, event.service) ? event : undefined;
    case "report":
      return isAsked(filter, event.service, event.region) && isIn(scope, event.service, event)
        ? event
        : undefined;
    case "key": {
      const isThere = isAsked(filter, event.service, event.region);
      const wasThere = event.left !== undefined && isAsked(filter, event.service, event.left.region);
      if (!isThere && !wasThere) return undefined;
      if (isIn(scope, event.service, event)) return event;
      return event.left !== undefined && wasThere && isIn(scope, event.service, event.left)
        ? goneFrom(event, event.left)
        : undefined;
    }
  }
}

function isAsked({ service, region }: EventFilter, ofKey: Service, inRegion: string): boolean {
  return (service === undefined || service === ofKey) && (region === undefined || region === inRegion);
}

function isIn(
  scope: Scope | undefined,
  service: Service,
  { region, tag }: { readonly region: string; readonly tag: string | null },
): boolean {
  return scope === undefined || covers(scope, service, region, tag);
}

function coversService({ services, regions, tags }: Scope, service: Service): boolean {
  return regions === undefined && tags === undefined && (services?.includes(service) ?? true);
}

/** To who may not know where the key is now and what it is called there, it does not exist any more. */
function goneFrom({ left: _, ...event }: KeyEvent, place: NonNullable<KeyEvent["left"]>): KeyEvent {
  return { ...event, action: "delete_key", ...place, status: null, cooldownUntil: null };
}
