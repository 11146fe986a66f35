import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { PROVIDERS, type ProviderName } from '#libs/providers';

const MOST_ROWS = 200;
const LIMIT_TEXT = { message: `must be a whole number from 1 to ${MOST_ROWS}, in digits only and once` };

const PROVIDER_TEXT = `must be ${PROVIDERS.join(' or ')}`;

/** `POST /v1/conferences`: either slots or an evening. */
export class WantBody {
  @IsIn(PROVIDERS, { message: PROVIDER_TEXT })
  provider: ProviderName;

  @ValidateIf((body: WantBody) => body.eveningId === undefined)
  @IsArray({ message: 'must be a list of timeslot ids, or send eveningId' })
  @ArrayMinSize(1, { message: 'must name at least one timeslot' })
  @ArrayMaxSize(500, { message: 'must name at most 500 timeslots' })
  @Length(1, 128, { each: true, message: 'must hold ids of 1 to 128 characters' })
  @IsString({ each: true, message: 'must hold strings' })
  timeslotIds?: string[];

  @IsOptional()
  @Length(1, 128, { message: 'must have 1 to 128 characters' })
  @IsString({ message: 'must be a string' })
  eveningId?: string;

  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  onlyMissing?: boolean;
}

/** Both take-over calls. */
export class TakeOverBody {
  @Length(1, 128, { message: 'must be the person id of the owner as you saw it' })
  @IsString({ message: 'must be a string' })
  from: string;

  @IsIn(PROVIDERS, { message: PROVIDER_TEXT })
  provider: ProviderName;
}

/** Paging of lists. */
export class PageQuery {
  @IsOptional()
  // `Number` would also take 1e2, 0x10, +5 and blanks: what is written otherwise is mistyped.
  @Transform(({ value }) => (typeof value === 'string' && /^[1-9]\d*$/.test(value) ? Number(value) : NaN))
  @IsInt(LIMIT_TEXT)
  @Min(1, LIMIT_TEXT)
  @Max(MOST_ROWS, LIMIT_TEXT)
  limit?: number;

  @IsOptional()
  @IsString({ message: 'must be what the last answer said' })
  after?: string;
}
