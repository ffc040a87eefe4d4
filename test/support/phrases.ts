/** A phrase that user-facing text must not contain. A space in `phrase` matches any white space, also a line break. */
export interface Phrase {
  readonly phrase: RegExp;
  /** What to write instead, or why the phrase is refused. */
  readonly remedy: string;
  /** A text in which the phrase is found. */
  readonly found: string;
  /** A similar text in which it is not. */
  readonly allowed?: string;
}

/** Archaisms and literary words. */
const ARCHAISMS: Phrase[] = [
  { phrase: /\banew\b/i, remedy: 'again', found: 'a value that is generated anew' },
  { phrase: /\bafresh\b/i, remedy: 'again', found: 'the rotation starts afresh' },
  {
    phrase: /\b(there|here|where)(of|in|by|upon|with)\b/i, remedy: 'repeat the noun', found: 'the deletion thereof',
    allowed: 'there is no key',
  },
  {
    phrase: /(^|, |; |\bor |\bsince |\. )else(?! (if|branch))\b/i, remedy: 'otherwise', found: 'allow CloudWatch, or else alarms are lost',
    allowed: 'nothing else is created',
  },
  { phrase: /\bbut for\b/i, remedy: 'except', found: 'kept, but for a rollback' },
  {
    phrase: /\b(all|nothing|none|nobody|everything) save\b|, save (for|where|when|that)\b/i, remedy: 'except',
    found: 'everything, save where a service requires it', allowed: 'save the file',
  },
  {
    phrase: /\b(taught|teach(es|ing)?)\b/i,
    remedy: 'allow, or extend the policy', found: 'the key is taught CloudWatch',
  },
  { phrase: /\bmend(s|ed|ing)?\b/i, remedy: 'fix', found: 'deleting the site mends it', allowed: 'recommended' },
  { phrase: /\bin place of\b/i, remedy: 'instead of', found: 'a role in place of the policy' },
  { phrase: /\bwhom\b/i, remedy: 'rewrite the sentence', found: 'for whom it comes' },
  {
    phrase: /\b(whoever|whosoever|whichever way)\b/i,
    remedy: 'anyone who, or name the principal', found: 'whoever deploys',
  },
  {
    phrase: /\b(for ever|hitherto|henceforth|lest|whilst|amongst|naught|nought)\b/i,
    remedy: 'archaic', found: 'the same value for ever',
  },
  { phrase: /\bneed not\b/i, remedy: 'does not need to', found: 'the key need not be imported' },
  { phrase: /\bfor want of\b/i, remedy: 'because of missing', found: 'killed for want of memory' },
  { phrase: /\bshall\b/i, remedy: 'must or will', found: 'the app shall pass it' },
  { phrase: /\ball the same\b/i, remedy: 'nevertheless', found: 'set explicitly all the same' },
  { phrase: /\band the like\b/i, remedy: 'name the things, or "and similar"', found: '`CfnInclude` and the like' },
  {
    phrase: /\bin (silence|the open)\b/i,
    remedy: 'without an error, or in plaintext', found: 'alarms are lost in silence',
  },
];

/** Inverted sentences. */
const INVERSIONS: Phrase[] = [
  {
    phrase: /(^|[.:;]\s+)(Refused|Taken|Weighed|Added|Missing|Chosen|Left out|Lost|Told) (is|are|was|were)\b/m, remedy: 'subject first',
    found: 'Refused are a second call and a blank reason', allowed: 'a blank reason is refused',
  },
  { phrase: /\b(out goes?|in comes?|in come)\b/i, remedy: 'subject first', found: 'Out goes HTTPS' },
  { phrase: /\bthat which\b/i, remedy: 'name the thing', found: 'that which is recorded' },
  {
    phrase: /^\s*(What(?! it creates$)|Who|Where|From (how|where|which)|By (what|which)|Something that)\b/,
    remedy: 'start with a noun or a verb', found: 'What the bucket holds', allowed: 'What it creates',
  },
  {
    phrase: /\bso (is|are|does|do|has|have) (a|an|the|one|each|every)\b/i,
    remedy: 'repeat the verb', found: 'so does each rollback',
  },
  {
    phrase: /\bbe it\b|\bwere (it|they|(an?|the|this) \w+) to\b/i,
    remedy: 'if …', found: 'were a ring to become another kind',
  },
];

/** Vague verbs, and verbs that describe resources as persons. */
const VAGUE_VERBS: Phrase[] = [
  { phrase: /\btold\b/i, remedy: 'notified, reported, logged, or recognized', found: 'nobody is told' },
  {
    phrase: /\btells? (of|apart|whether|nothing|nobody|somebody|when)\b/i,
    remedy: 'reports, or distinguishes', found: 'an alarm tells of it',
  },
  { phrase: /\b(comes?|came) to\b/i, remedy: 'state what it does', found: 'how no bucket comes to be public' },
  { phrase: /\baloud\b/i, remedy: 'explicitly', found: 'the default, said aloud' },
  { phrase: /\bsaid\b/i, remedy: 'specified, stated, or set', found: 'unless a scope is said to be disposable' },
  {
    phrase: /\bsays? (so|no|nothing|otherwise)\b/i,
    remedy: 'state the fact', found: 'whatever the app says otherwise', allowed: 'the page says that',
  },
  {
    phrase: /\b(stands?|stood|standing) (under|in|beside|behind|outside|there|below|between|at|on|by|alone|apart|aside)\b/i,
    remedy: 'is', found: 'the function stands outside of the VPC', allowed: 'IAM stands for',
  },
  {
    phrase: /\b(is|are|was|were|be|been|being) made\b(?! (up|available|public|possible))/i, remedy: 'is created', found: 'a key is made for it',
    allowed: 'the bucket is made public',
  },
  {
    phrase: new RegExp('\\b(makes?|making) (a|an|the|its|one|no|two|each|every|another) (new )?(key|bucket|stack|alarm|role|table|function|'
      + 'queue|topic|dashboard|secret|version|resource|record|rule|policy|log group|web ACL|load balancer|service|cluster|instance|user|'
      + 'construct|certificate|subnet|VPC|endpoint|detector|analyzer|recorder|trail|hub|budget)s?\\b', 'i'),
    remedy: 'creates', found: 'the construct makes a key', allowed: 'the construct makes the request fail',
  },
  {
    phrase: /\bwants? (to be|watched)\b/i,
    remedy: 'state the requirement', found: 'a construct that wants to be watched',
  },
  { phrase: /\blets? \w+ in\b|\blet in\b/i, remedy: 'allow', found: 'the policy lets CloudWatch in' },
  {
    phrase: /\blets? (everything|everybody|nothing|nobody|all)\b/i,
    remedy: 'allow', found: 'a group lets everything out',
  },
  {
    phrase: /\b(go|goes|gone|went|going) with (its|their|the|a)\b/i,
    remedy: 'is deleted with', found: 'data that goes with its stack',
  },
  {
    phrase: /\b(is|are|was|were|be|been) given up\b/i,
    remedy: 'is relaxed, or is discarded', found: 'what was given up',
  },
  { phrase: /\bgo(es|ing)? on (\w+ing|to)\b/i, remedy: 'continues', found: 'the old value goes on working' },
  { phrase: /\bspeaks?\b/i, remedy: 'supports, or accepts', found: 'a listener still speaks TLS 1.0' },
  {
    phrase: /\banswers? (over|from|for|nobody|everybody|with)\b/i,
    remedy: 'responds, or accepts', found: 'a distribution answers over HTTP',
  },
  { phrase: /\bknows? (no|nothing)\b/i, remedy: 'has no', found: 'Inspector knows no narrower resource' },
  { phrase: /\bas (it|they) pleases?\b/i, remedy: 'any', found: 'it names the region as it pleases' },
  { phrase: /\bforgets\b/i, remedy: 'deletes', found: 'a bucket that keeps log files and then forgets them' },
  { phrase: /\bis due to (the|a) (fact)\b/i, remedy: 'because', found: 'this is due to the fact that' },
];

/** Vague nouns and pronouns. */
const VAGUE_NOUNS: Phrase[] = [
  {
    phrase: /\bways? (out|round|around)\b|\bway in\b(?! which)/i,
    remedy: 'name the path or the rule', found: 'the only way out', allowed: 'the way in which',
  },
  { phrase: /\bentrances?\b/, remedy: 'load balancer', found: 'requests through the entrance' },
  {
    phrase: /\b(a|the|each|one|no|these|its) notices?\b|\bnotices\b/i,
    remedy: 'notification', found: 'a notice about costs', allowed: 'users notice',
  },
  { phrase: /\bby hand\b/i, remedy: 'manually, or a person', found: 'deleted by hand', allowed: 'by handler' },
  {
    phrase: /\b(somebody|everybody|anybody)\b/i,
    remedy: 'name the person or the principal', found: 'somebody has to look',
  },
  { phrase: /\bthe house\b/i, remedy: 'the library', found: 'as the house has it' },
  { phrase: /\bone of (its|their|our|his) own\b/i, remedy: 'a new …', found: 'the default is one of its own' },
  { phrase: /\bof (ours|theirs|mine|yours)\b/i, remedy: 'name the owner', found: 'a handler of ours' },
  {
    phrase: /\bunder (a|the|its|this|that|one|another|your|their|S3's|our)( [\w-]+){0,2} keys?\b/i,
    remedy: 'encrypted with', found: 'files under a customer-managed key',
  },
  {
    phrase: /\b(accounts?|stacks?|constructs?|services?|resources?|regions?|one|these|this|that|property|secrets?|topics?|it) alone\b/i,
    remedy: 'only', found: 'on behalf of this account alone',
  },
  {
    phrase: /\b(quarter of an|half an) hour\b/i,
    remedy: 'a number and a unit', found: 'above 90 % for a quarter of an hour',
  },
  { phrase: /\b(bits|room|time) to spare\b/i, remedy: 'unused', found: 'neither padding nor bits to spare' },
];

/** Spelling: American English, and the names that AWS uses. */
const SPELLING: Phrase[] = [
  {
    phrase: /\bsynthesis(e|ed|ing|er)\b/i,
    remedy: 'synthesize', found: 'the synthesised template', allowed: 'a synthesis, syntheses',
  },
  {
    phrase: /\b\w*(organi|authori|recogni|initiali|customi|normali|seriali|minimi|summari|utili|categori|finali|optimi)s(e|ed|es|ing|ation)\b/i,
    remedy: '-ize', found: 'an authorised user', allowed: 'a promise',
  },
  {
    phrase: /\b(behaviour|colour|favour|honour|neighbour|licence|catalogue|centre|programme|grey|defence)(s|ed|ing)?\b/i,
    remedy: 'American spelling', found: 'a cache behaviour',
  },
  {
    phrase: /\b(cancell|labell|modell|travell|signall)(ed|ing)\b/i,
    remedy: 'American spelling', found: 'a cancelled request',
  },
  { phrase: /\be-mails?\b/i, remedy: 'email', found: 'an e-mail address' },
  { phrase: /\bcustomer-managed (KMS )?keys?\b/i, remedy: 'customer managed key', found: 'a customer-managed key' },
  { phrase: /\blower-case|upper-case\b/i, remedy: 'lowercase, uppercase', found: 'an upper-case letter' },
];

/** Traces of earlier versions. */
const HISTORY: Phrase[] = [
  {
    phrase: /\b(formerly|previously (called|named|known)|used to be (called|named)|was renamed|renamed (from|to)|no longer (called|named))\b/i,
    remedy: 'describe the present', found: 'formerly Monitoring',
  },
  {
    phrase: /\b(as of this change|in an earlier version of this library|before this (change|issue|restructuring))\b/i,
    remedy: 'describe the present', found: 'before this change',
  },
];

/** All phrases. */
export const PHRASES: Phrase[] = [...ARCHAISMS, ...INVERSIONS, ...VAGUE_VERBS, ...VAGUE_NOUNS, ...SPELLING, ...HISTORY]
  .map((phrase) => ({ ...phrase, phrase: new RegExp(phrase.phrase.source.replace(/ /g, '\\s+'), `${phrase.phrase.flags}g`) }));
