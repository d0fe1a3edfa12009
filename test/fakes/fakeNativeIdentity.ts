import { Redacted } from "../../src/domain/redacted";
import type {
  NativeIdentity,
  NativeIdentityInfo,
  NativeLogin,
  NativeRequest,
  NativeTrouble,
} from "../../src/domain/secret/nativeIdentity";
import { NativeLogins } from "../../src/domain/secret/nativeLogins";

/** A cloud that answers what it is told to, and remembers what it was asked. */
export class FakeNativeIdentity implements NativeIdentity {
  readonly asked: NativeRequest[] = [];
  answer: (count: number) => NativeLogin | NativeTrouble | Promise<NativeLogin | NativeTrouble> = (count) => ({
    kind: "login",
    username: "AWS",
    password: new Redacted(`token-${count}`),
    lifeMs: 12 * 3_600_000,
  });
  who: NativeIdentityInfo | NativeTrouble = {
    kind: "identity",
    cloud: "aws",
    source: "sso",
    name: "arn:aws:sts::123456789012:assumed-role/dev/person",
    account: "123456789012",
    profile: "dev",
  };

  async login(request: NativeRequest): Promise<NativeLogin | NativeTrouble> {
    this.asked.push(request);
    return await this.answer(this.asked.length);
  }

  describe(): Promise<NativeIdentityInfo | NativeTrouble> {
    return Promise.resolve(this.who);
  }
}

/** The logins of one cloud that plays all three; its clock stands at `now`. */
export function fakeLogins(cloud = new FakeNativeIdentity(), now: () => number = () => 0): NativeLogins {
  const limit = () => new AbortController().signal;
  return new NativeLogins({ aws: cloud, google: cloud, azure: cloud }, { now, limit });
}
